/** The pages. */
export const routes = ["home", "answer", "make", "look", "restore"] as const;

/** One of {@link routes}. */
export type Route = (typeof routes)[number];

/** What stands behind the `#` of the address: it works on any static host, at any path. */
export const hashOf = (route: Route): string =>
  route === "home" ? "#/" : `#/${route}`;

/** The page of an address; home for anything unknown. */
export function routeOf(hash: string): Route {
  return routes.find((route) => hashOf(route) === hash) ?? "home";
}

import { hashOf, type Route } from "../routing/route.js";

const names: Record<Exclude<Route, "home">, string> = {
  answer: "Answer",
  make: "Make",
  look: "Look inside",
  restore: "Restore",
};

/** The name of the page, and the way to its tasks once there is one. */
export function Header({ route }: { route: Route | undefined }) {
  return (
    <header className="top">
      <a
        className="brand"
        href={hashOf("home")}
        aria-current={route === "home" ? "page" : undefined}
      >
        <img src="./icon.svg" alt="" width={28} height={28} />
        Carryover
      </a>
      {route !== undefined && <Tasks route={route} />}
    </header>
  );
}

function Tasks({ route }: { route: Route }) {
  return (
    <nav aria-label="Tasks">
      <ul>
        {(Object.keys(names) as (keyof typeof names)[]).map((each) => (
          <li key={each}>
            <a
              href={hashOf(each)}
              aria-current={route === each ? "page" : undefined}
            >
              {names[each]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

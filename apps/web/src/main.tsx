import { createRoot } from "react-dom/client";
import { App } from "./app/app.js";
import { allowOwnWorkers } from "./browser/allow-own-workers.js";

allowOwnWorkers();
const place = document.getElementById("app");
if (place === null) throw new Error("the page has no place for the app");
createRoot(place).render(<App />);

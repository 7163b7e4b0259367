export { exitCodes, type ExitCode } from "./exit-code.js";

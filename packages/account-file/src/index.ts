export { AccountFileError, type AccountFileErrorCode } from "./errors.js";

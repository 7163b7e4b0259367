export {
  createNodePorts,
  type NodePortsOptions,
} from "./backup-file-node/node-ports.js";

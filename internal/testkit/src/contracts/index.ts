export { type ChannelsSubject, describeChannelsContract } from "./channels.js";

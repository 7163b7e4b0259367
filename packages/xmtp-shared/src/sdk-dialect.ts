import type { SdkClient, SdkCount, SdkStream } from "./sdk-client.js";

/** Where the SDKs differ. */
export interface SdkDialect {
  /** What the worker is called that answers device sync. */
  readonly taskRunner: unknown;
  /** A limit as the SDK takes it. */
  pageSize(size: number): SdkCount;
  /** Lets others have their turn, where the library answers at once and nothing else would come in between. */
  nextTurn(): Promise<void>;
  /**
   * Opens a stream that ends when its connection does, and has fetched what came before.
   *
   * @throws when there is no connection to be had
   */
  openStream(client: SdkClient, consentStates: number[]): Promise<SdkStream>;
}

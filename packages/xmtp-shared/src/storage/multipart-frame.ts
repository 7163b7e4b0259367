/** What stands around one file in a `multipart/form-data` body. */
export interface MultipartFrame {
  readonly contentType: string;
  readonly head: string;
  readonly tail: string;
  /** A whole body with no file in it: asks what became of an upload without making one. */
  readonly empty: string;
}

/** @param boundary - letters and digits that stand nowhere in the file */
export function createMultipartFrame(boundary: string): MultipartFrame {
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head:
      `--${boundary}\r\n` +
      'Content-Disposition: form-data; name="file"; filename="backup"\r\n' +
      "Content-Type: application/octet-stream\r\n\r\n",
    tail: `\r\n--${boundary}--\r\n`,
    empty: `--${boundary}--\r\n`,
  };
}

/**
 * An XMTP archive over which the library's importer spins for ever: its only record says that it is 4 GiB long, and ends.
 * The compressed part is a frame of one stored block (RFC 8878, 3.1).
 */
export function createSpinningArchive(): Uint8Array {
  const record = Buffer.alloc(64, 1);
  record.writeUInt32LE(0xff_ff_ff_f0);
  const singleSegment = 0x20;
  const lastStoredBlock = Buffer.alloc(3);
  lastStoredBlock.writeUIntLE((record.length << 3) | 1, 0, 3);
  return Buffer.concat([
    Buffer.alloc(2),
    Buffer.alloc(12, 7),
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, singleSegment, record.length]),
    lastStoredBlock,
    record,
  ]);
}

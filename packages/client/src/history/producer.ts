/** What files that this engine writes say of their maker. */
export const producer = { name: "Carryover", version: "0.1.0" } as const;

/** The version of the records. */

/** Raised whenever the same inputs give other records: old cells are then computed anew. */
export const recordFormat = 6;

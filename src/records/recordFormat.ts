/** The versions of what a run keeps. */

/** Raised whenever the same inputs give other records: old cells are then computed anew. */
export const recordFormat = 8;

/**
 * Raised whenever a model may answer the same question differently; `recordFormat` is then raised, too. Where only the form of
 * records changed, the answers of earlier runs count on: no model is asked again.
 */
export const callFormat = 6;

/** Example numbers drawn with replacement; reused from draw to draw, so a statistic must not keep it. */
export type Resample = Uint32Array;

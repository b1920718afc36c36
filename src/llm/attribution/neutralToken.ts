import type { Missing } from '../../core/score.ts';

/** Why a method says nothing that needs a token for "no word" where there is none. */
export const withoutNeutralToken: Missing = { missing: 'the tokenizer has no token for a single space' };

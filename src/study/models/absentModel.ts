/** Stands in for a model that is not here, so that what it would be asked can be counted. */
import type { Need } from '../../core/declarations.ts';
import { InternalError } from '../../core/errors.ts';
import type { LanguageModel } from '../../llm/languageModel.ts';

const PIECE = / ?[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]|\s/gu;

/** What a model may be able to do, by where it is. */
export const behindApi: readonly Need[] = [
	'labelScores',
	'generation',
	'constrainedGeneration',
	'annotations',
	'nothing',
];
export const onThisMachine: readonly Need[] = [...behindApi, 'attention', 'gradients', 'attentionBlocking'];

/** Returns the model, with what it may be able to do. Its tokens are words, punctuation and spaces, fewer than a real model's; it computes nothing. */
export function absentModel(id: string, capabilities: readonly Need[]): LanguageModel {
	const idOf = new Map<string, number>();
	const intern = (piece: string): number => {
		const known = idOf.get(piece) ?? idOf.size;
		idOf.set(piece, known);
		return known;
	};
	const refuse = (): Promise<never> => Promise.reject(new InternalError(`model "${id}" is not here and was asked`));
	return {
		...{
			id,
			identity: `absent:${id}`,
			capabilities: new Set(capabilities),
			specialTokens: [],
			controlTokens: [],
			contextLength: Infinity,
		},
		encode: async (text) => {
			const pieces = [...text.matchAll(PIECE)];
			return {
				ids: pieces.map(([piece]) => intern(piece)),
				spans: pieces.map(({ 0: piece, index }) => ({ start: index, end: index + piece.length })),
			};
		},
		decode: refuse,
		renderChat: (messages) => `${messages.map(({ role, content }) => `${role}:\n${content}\n`).join('')}assistant:\n`,
		...{ scoreLabels: refuse, attribute: refuse, attributeByPasses: refuse, generate: refuse },
		close: async () => undefined,
	};
}

/** The engines that predict: with products of float32, of the blocks of a file, or of 8 bits. */
import type { Quantised } from '../../engine/graph/blockWeights.ts';
import { int8Products } from '../../engine/graph/int8Products.ts';
import { roundedProducts } from '../../engine/graph/weightUse.ts';
import type { BlockProducts } from '../engineSettings.ts';
import type { LoadedDecoder } from '../models/loadDecoder.ts';
import { createPrefixCache } from '../prefix/keyValueCache.ts';
import type { EngineContext } from './engineContext.ts';
import type { Int8Decoder } from './quantisedDecoder.ts';

/** What makes predictions cheaper and less precise. */
export interface Reductions {
	readonly int8: Int8Decoder | null;
	readonly blockProducts: BlockProducts;
	/** Of keys and values of prefixes. */
	readonly cacheBytes: number;
}

/** Returns what predicts: usually, and where less precision will do. */
export function predictionContexts(
	exact: EngineContext,
	{ quantised, checkpoint }: LoadedDecoder,
	{ int8, blockProducts, cacheBytes }: Reductions,
): { readonly usual: EngineContext; readonly reduced: EngineContext } {
	if (blockProducts === 'all') {
		const usual = { ...roundedContext(exact, quantised), prefixes: createPrefixCache(cacheBytes) };
		return { usual, reduced: int8 === null ? usual : int8Context(exact, int8) };
	}
	if (int8 !== null) return { usual: exact, reduced: int8Context(exact, int8) };
	if (blockProducts === 'none') return { usual: exact, reduced: exact };
	const { vocabulary } = exact.decoder.sizes;
	// The head runs at few places, and its errors go straight into the labels.
	const inner = [...quantised].filter(([name]) => checkpoint.tensors.get(name)?.shape[0] !== vocabulary);
	return { usual: exact, reduced: roundedContext(exact, new Map(inner)) };
}

/** Returns the engine with products of whole numbers; the prefix that all prompts of a call share is that of the exact one. */
function roundedContext(exact: EngineContext, forms: Quantised): EngineContext {
	return {
		...exact,
		session: (name, outputs) => exact.session(`${name}, fast`, () => roundedProducts(outputs('plain'), forms)),
		prefixes: { of: (_, tokens) => exact.prefixes.of(exact, tokens) },
	};
}

/** Returns the engine with products of 8 bits; the prefix that all prompts of a call share is that of the exact one. */
function int8Context(exact: EngineContext, { matrices }: Int8Decoder): EngineContext {
	return {
		...exact,
		session: (name, outputs) => exact.session(`${name}, int8`, () => int8Products(outputs('plain'), matrices)),
		prefixes: { of: (_, tokens) => exact.prefixes.of(exact, tokens) },
	};
}

/**
 * The text models inside models that also read images: their config lies in `text_config`, their weights under names of
 * their own. Images are not read: a prompt is text here.
 */
import { z } from 'zod';
import { shown, UserError } from '../../core/errors.ts';
import type { DecoderFamily, ModelConfig } from './decoder.ts';
import { saysNothing } from './silentKeys.ts';
import type { StoredNames } from './storedNames.ts';

export interface WrapperOptions {
	/** Families that `text_config` may name; the first one where it names none. */
	readonly text: readonly [DecoderFamily, ...DecoderFamily[]];
	/** What transformers takes for keys that `text_config` leaves out. */
	readonly defaults: Readonly<Record<string, unknown>>;
}

/** Older files, newer files, and the network without its head; last, the text model alone. */
const storedNames: StoredNames = {
	renamed: [
		[/^language_model\.lm_head\./u, 'lm_head.'],
		[/^language_model\.model\./u, 'model.'],
		[/^model\.language_model\./u, 'model.'],
		[/^language_model\./u, 'model.'],
	],
	unused: /^(model\.)?(vision_tower|vision_model|visual|multi_modal_projector|audio_tower)\./u,
};

/** Keys about images, and where they stand in a prompt. */
const aboutImages = /^(vision_|image_|mm_|multimodal_|projector_|spatial_merge_|boi_|eoi_|video_)/u;

const textConfig = z.record(z.string(), z.unknown());

/** Returns the family of a wrapper's `model_type`. */
export function wrapperFamily(modelType: string, options: WrapperOptions): DecoderFamily {
	const [first] = options.text;
	return {
		modelType,
		neutralNorm: first.neutralNorm,
		storedNames,
		createDecoder: (config, parameter) => {
			const inner = innerOf(modelType, config, options);
			return inner.family.createDecoder(inner.config, parameter);
		},
		readSizes: (config) => {
			const inner = innerOf(modelType, config, options);
			return inner.family.readSizes(inner.config);
		},
	};
}

interface Inner {
	readonly family: DecoderFamily;
	readonly config: ModelConfig;
}

/**
 * Returns the text model's family and config. Throws `UserError` when there is none, its type is not one of those that
 * are handled, or a key of the wrapper may change the mathematics.
 */
function innerOf(modelType: string, { file, values }: ModelConfig, { text, defaults }: WrapperOptions): Inner {
	const { text_config: given, tie_word_embeddings: tied, ...outer } = values;
	const parsed = textConfig.safeParse(given);
	if (!parsed.success) {
		throw new UserError(
			`${file}: a ${modelType} model needs its text model's config in text_config; got ${shown(given)}.`,
		);
	}
	const type = parsed.data['model_type'] ?? text[0].modelType;
	const family = text.find((known) => known.modelType === type);
	if (family === undefined) {
		const known = text.map((one) => one.modelType).join(', ');
		throw new UserError(
			`${file}: text_config.model_type ${shown(type)} is not handled inside ${modelType}. Known: ${known}.`,
		);
	}
	refuseUnknown(file, outer);
	const head = typeof tied === 'boolean' ? { tie_word_embeddings: tied } : {};
	return { family, config: { file: `${file}, text_config`, values: { ...defaults, ...parsed.data, ...head } } };
}

function refuseUnknown(file: string, outer: Readonly<Record<string, unknown>>): void {
	const unknown = Object.entries(outer).filter(([key, value]) => !aboutImages.test(key) && !saysNothing(key, value));
	if (unknown.length === 0) return;
	const list = unknown.map(([key, value]) => `${key}=${shown(value)}`).join(', ');
	throw new UserError(`${file}: keys that may change the mathematics and are not handled: ${list}.`);
}

/** `rationale methods`: the rationale methods and what they say about themselves. */
import type { Command } from 'commander';
import type { MethodDeclaration } from '../../core/declarations.ts';
import { noThought, type TextCost } from '../../rationales/cost.ts';
import type { Method } from '../../rationales/method.ts';
import { wrapText } from '../../terminal/layout.ts';
import type { Session } from '../session.ts';
import type { Channel } from '../../terminal/channel.ts';

/** Adds the command. */
export function addMethods(program: Command, session: Session): void {
	program
		.command('methods')
		.summary('rationale methods: what they need and where they come from')
		.description('Lists the rationale methods: what they need of a model, what their scores mean, their source.')
		.option('--json', 'print the declarations as JSON')
		.addHelpText('after', '\nExample:\n  rationale methods --json')
		.action(({ json = false }: { json?: boolean }) => listMethods(session, json));
}

async function listMethods({ terminal: { out } }: Session, json: boolean): Promise<void> {
	const { methods } = await import('../../rationales/methods.ts');
	const { kindOf } = await import('../../explain/methodKinds.ts');
	const listed = Object.values(methods).map((method: Method): ListedMethod => {
		const { kind, declaration } = method;
		const cost = kindOf(method).cost(method, { ...sample, evaluations: null });
		const prompt = method.kind === 'prompt' ? { prompt: method.prompt.id } : {};
		return { ...declaration, kind, ...prompt, cost: 'missing' in cost ? null : { ...sample, ...cost } };
	});
	out.lines(json ? [JSON.stringify(listed, null, '\t')] : renderMethods(listed, out));
}

/** The text whose cost is shown. */
const sample = { tokens: 100, unitCount: 20, maxAnswerTokens: 128, thought: noThought };

type ListedMethod = MethodDeclaration & {
	/** How it is computed: from one pass, several passes, perturbation, replacement, a prompt, or nothing but the text. */
	readonly kind: Method['kind'];
	/** Id and version of the wording. */
	readonly prompt?: string;
	/** Passes for a text of so many words in a prompt of so many tokens; null where they do not suffice. */
	readonly cost: (TextCost & typeof sample) | null;
};

const families: Readonly<Record<MethodDeclaration['family'], string>> = {
	attribution: 'Attribution: a score for every word, read from the model’s numbers',
	prompting: 'Prompting: the model is asked for the words',
	reference: 'References: what the others are compared with',
};

function renderMethods(declarations: readonly ListedMethod[], { colours, columns }: Channel): string[] {
	const block = (declaration: ListedMethod): string[] => [
		`  ${colours.bold(declaration.id.padEnd(22))} ${declaration.title}`,
		...wrapText(`${properties(declaration)}${costText(declaration)}`, columns, 4),
		...wrapText(declaration.source, columns, 4).map(colours.dim),
	];
	return Object.entries(families).flatMap(([family, title]) => [
		colours.underline(title),
		...declarations.filter((declaration) => declaration.family === family).flatMap(block),
		'',
	]);
}

function costText({ cost }: ListedMethod): string {
	if (cost === null || cost.forward === 0) return '';
	const { forward, backward, written, bound, unitCount, tokens } = cost;
	const sign = { exact: '', least: 'at least ', most: 'at most ' }[bound];
	const passes = `${forward.toLocaleString('en')} forward${backward === 0 ? '' : ` and ${backward} backward`}`;
	const answer = written === 0 ? '' : ` and ${written} new tokens`;
	return `; ${unitCount} words in ${tokens} tokens take ${sign}${passes} ${forward === 1 ? 'pass' : 'passes'}${answer}`;
}

function properties({ needs, signed, targetSpecific, aggregation }: ListedMethod): string {
	return [
		`needs ${needs}`,
		signed ? 'signed: evidence against is negative' : 'not signed',
		targetSpecific ? 'explains one label' : 'the same for every label',
		...(aggregation === null ? [] : [`word = ${aggregation} of its tokens`]),
	].join('; ');
}

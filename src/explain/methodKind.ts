/** What there is to know about all methods of one kind: how they are asked, what they cost, what decides what they say. */
import type { Missing } from '../core/score.ts';
import type { CostRequest, TextCost } from '../rationales/cost.ts';
import type { SelectionId } from '../rationales/selection.ts';
import type { ChoiceRules, ClassifiedExample, Explanation, TaskModel } from './context.ts';
import type { RationaleSettings } from './settings.ts';

export interface MethodKind<Method> {
	/** Returns what each method says about each example: [method][example]. */
	explain(
		taskModel: TaskModel,
		rules: ChoiceRules,
		methods: readonly Method[],
		examples: readonly ClassifiedExample[],
	): Promise<Explanation[][]>;
	/** True where all methods read one pass: it is to be counted for the first of them only. */
	readonly sharesPass: boolean;
	/** Returns what a method needs for one text; missing, with the reason, where it cannot do with so few evaluations. */
	cost(method: Method, request: CostRequest): TextCost | Missing;
	/** Returns what of the method and the settings decides what it says: a part of its cells' ids. */
	content(method: Method, settings: RationaleSettings): unknown;
	/** Returns the rules that give the method a number of words to ask for; none where it is not told one. */
	countRules(method: Method, settings: RationaleSettings): readonly SelectionId[];
}

/** Returns no rules: for methods that are not told a number of words. */
export function noCountRules(): readonly SelectionId[] {
	return [];
}

/** All kinds of methods. A kind that lacks its row does not compile; whoever treats methods by kind reads this table. */
import type { Method } from '../rationales/method.ts';
import { byPass } from './byPass.ts';
import { byPasses } from './byPasses.ts';
import { byPerturbation } from './byPerturbation.ts';
import { byPrompt } from './byPrompt.ts';
import { byReference } from './byReference.ts';
import { byReplacement } from './byReplacement.ts';
import type { MethodKind } from './methodKind.ts';

type MethodOf<Kind extends Method['kind']> = Extract<Method, { readonly kind: Kind }>;

const methodKinds: { readonly [Kind in Method['kind']]: MethodKind<MethodOf<Kind>> } = {
	pass: byPass,
	multiPass: byPasses,
	prompt: byPrompt,
	perturbation: byPerturbation,
	replacement: byReplacement,
	reference: byReference,
};

/** Returns the row of a method's kind, to be used for methods of this kind. */
export function kindOf({ kind }: Method): MethodKind<Method> {
	return methodKinds[kind];
}

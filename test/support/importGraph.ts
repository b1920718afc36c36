/** Who imports whom in `src/`; tests are left out, type imports count. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { root } from './documents.ts';

export interface Import {
	/** Path below `src/`. */
	readonly from: string;
	/** Path below `src/`, or the name of a package. */
	readonly to: string;
	readonly isPackage: boolean;
	readonly isType: boolean;
	readonly line: number;
}

const statement =
	/^[ \t]*(?:import|export)\s+(type\s)?[^;'"`]*?\bfrom\s+'([^']+)'|\bimport\s*\(\s*'([^']+)'\s*\)|^import\s+'([^']+)'/gm;

/** Returns the source files, as paths below `src/`. */
export function sourceFiles(): string[] {
	return readdirSync(posix.join(root, 'src'), { recursive: true, encoding: 'utf8' })
		.map((path) => path.replaceAll('\\', '/'))
		.filter((path) => /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path))
		.toSorted();
}

/** Returns the imports of a file: a static one, a dynamic one, one that stands for its effects, one of types. */
export function importsOf(from: string, text = readFileSync(posix.join(root, 'src', from), 'utf8')): Import[] {
	return [...text.matchAll(statement)].map((match): Import => {
		const target = match[2] ?? match[3] ?? match[4] ?? '';
		const isPackage = !target.startsWith('.');
		return {
			from,
			to: isPackage ? target : posix.join(posix.dirname(from), target),
			isPackage,
			isType: match[1] !== undefined || onlyTypes(match[0]),
			line: text.slice(0, match.index).split('\n').length,
		};
	});
}

/** `import { type A, type B } from` */
function onlyTypes(text: string): boolean {
	const names =
		/\{([^}]*)\}/
			.exec(text)?.[1]
			?.split(',')
			.filter((name) => name.trim() !== '') ?? [];
	return names.length > 0 && names.every((name) => /^\s*type\s/.test(name));
}

/** Returns the files that import each other, a list for each circle (Tarjan's strongly connected components). */
export function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
	const number = new Map<string, number>();
	const lowest = new Map<string, number>();
	const open: string[] = [];
	const found: string[][] = [];
	const visit = (file: string): void => {
		number.set(file, number.size);
		lowest.set(file, number.size - 1);
		open.push(file);
		for (const next of imports.get(file) ?? []) {
			if (!number.has(next)) visit(next);
			if (open.includes(next)) lowest.set(file, Math.min(lowest.get(file) ?? 0, lowest.get(next) ?? 0));
		}
		if (lowest.get(file) !== number.get(file)) return;
		const circle = open.splice(open.indexOf(file));
		if (circle.length > 1 || (imports.get(file) ?? []).includes(file)) found.push(circle.toSorted());
	};
	for (const file of imports.keys()) if (!number.has(file)) visit(file);
	return found;
}

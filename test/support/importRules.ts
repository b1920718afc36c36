/** What the table of folders says about an import. */
import { posix } from 'node:path';
import type { Import } from './importGraph.ts';
import { type FolderRow, importTable, packagesOfOneFile } from './importTable.ts';

/** Returns why an import may not be, in one line that says where it stands; null where it may. */
export function importProblem(found: Import, table: readonly FolderRow[] = importTable): string | null {
	const place = `src/${found.from}:${found.line}`;
	if (found.isPackage) {
		const only = packagesOfOneFile[found.to];
		return only === undefined || only === found.from ? null : `${place} imports ${found.to}: only src/${only} may`;
	}
	const own = rowOf(found.from, table);
	const other = rowOf(found.to, table);
	if (own === undefined) return `${place}: no row of test/support/importTable.ts holds this file`;
	if (other === undefined) return `${place} imports src/${found.to}, which no row of test/support/importTable.ts holds`;
	const problem = own === other ? orderProblem(own, found) : rowProblem(own, other, found, table);
	return problem === null ? null : `${place} imports src/${found.to}: ${problem}`;
}

function rowOf(path: string, table: readonly FolderRow[]): FolderRow | undefined {
	return table.find(({ folder }) => (folder.endsWith('/') ? path.startsWith(folder) : path === folder));
}

function rowProblem(own: FolderRow, other: FolderRow, found: Import, table: readonly FolderRow[]): string | null {
	const may = own.imports === 'all' ? table.indexOf(other) < table.indexOf(own) : own.imports.includes(other.folder);
	if (!may) return `${own.folder} may not import ${other.folder}`;
	if (own.typesOnly?.includes(other.folder) === true && !found.isType) {
		return `${own.folder} may import types only of ${other.folder}`;
	}
	const files = own.filesOnly?.[other.folder];
	if (files !== undefined && !files.includes(found.to)) return `${own.folder} may import ${files.join(', ')} only`;
	return null;
}

function orderProblem({ folder, order }: FolderRow, { from, to }: Import): string | null {
	const inner = (path: string): string => {
		const [first = '', ...rest] = posix.relative(folder, path).split('/');
		return rest.length === 0 ? '.' : first;
	};
	const [own, other] = [inner(from), inner(to)];
	if (order === undefined || own === other) return null;
	const step = (name: string): number => order.findIndex((names) => names.includes(name));
	if (step(own) < 0 || step(other) < 0) return null;
	return step(other) < step(own) ? null : `inside ${folder}, ${own} stands below ${other} or beside it`;
}

/** Returns the table as docs/ARCHITECTURE.md shows it. */
export function folderTable(table: readonly FolderRow[] = importTable): string {
	const names = ({ imports, typesOnly = [], filesOnly = {} }: FolderRow): string => {
		if (imports === 'all') return 'all above it';
		if (imports.length === 0) return 'nothing';
		return imports
			.map((name) => {
				const files = filesOnly[name]?.map((file) => `\`${posix.basename(file)}\``).join(', ');
				const only = typesOnly.includes(name) ? ' (types)' : files === undefined ? '' : ` (${files})`;
				return `${name.replace(/\/$/, '')}${only}`;
			})
			.join(', ');
	};
	const rows = table.map((row) => `| \`src/${row.folder}\` | ${row.holds} | ${names(row)} |`);
	return ['| folder | holds | may import |', '|---|---|---|', ...rows].join('\n');
}

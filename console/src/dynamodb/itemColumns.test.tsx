// @vitest-environment jsdom
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import type { Item, Table } from '../aws/dynamodb';
import { ITEM_COLUMNS } from './itemColumns';

const TABLE = { TableName: 't', KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] } as unknown as Table;

it('shows what an item has, and not what every object has, whatever other items call it', () => {
  const items = [JSON.parse('{"id": {"S": "a"}, "constructor": {"S": "<b>"}, "__proto__": {"N": "1"}}'), { id: { S: 'b' } }] as [Item, Item];
  const [, ...columns] = ITEM_COLUMNS(TABLE, items);
  const cells = columns.map((column) => [column.id, ...items.map((item) => renderToStaticMarkup(column.cell(item)))]);
  expect(cells).toEqual([
    ['__proto__', '<span class="cell">1</span>', '<span class="cell">-</span>'],
    ['constructor', '<span class="cell">&lt;b&gt;</span>', '<span class="cell">-</span>'],
  ]);
});

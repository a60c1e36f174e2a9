import { expect, test } from 'vitest';
import { modelOf } from '../graph/model';
import { wayIn } from '../graph/wayIn';
import { Model } from './model';
import { recorded } from './recorded';
import { waysOf } from './ways';

/** What the graph makes of each edge: `Ask>Mend catch` with whether it was taken. */
function edgesOf(name: string, picked = new Map<string, number>()) {
  const { definition, events } = recorded(name);
  const made = new Model(definition);
  made.add(events);
  const graph = modelOf(definition);
  const way = wayIn(graph, waysOf(made, picked));
  return Object.fromEntries([...graph.edges.values()].map((edge) => [`${edge.from}>${edge.to} ${edge.kind}`, way(edge)]));
}

test('the catcher that was taken is told from the one that was not', () => {
  const edges = edgesOf('rider-same');
  expect(edges['FaceDetection>CheckFaceDuplicate next']).toBe('taken');
  expect(edges['FaceDetection>PhotoDoesNotMeetRequirement catch']).toBe('not-taken');
  expect(edges['CheckFaceDuplicate>PhotoDoesNotMeetRequirement catch']).toBe('taken');
  expect(edges['CheckFaceDuplicate>ParallelProcessing next']).toBe('not-taken');
  expect(edges['PhotoDoesNotMeetRequirement>#end end']).toBe('taken');
});

test('what failed leads nowhere', () => {
  const edges = edgesOf('retry');
  expect(edges['Kind?>Give up choice']).toBe('taken');
  expect(edges['Give up>#end end']).toBe('not-taken');
});

test('of one iteration its own ways are told, of all each that was taken', () => {
  expect(edgesOf('mapfail')).toMatchObject({ 'Each/0/Check>Each/0/Bad choice': 'taken', 'Each/0/Check>Each/0/Sleep default': 'taken' });
  expect(edgesOf('mapfail', new Map([['Each', 0]]))['Each/0/Check>Each/0/Bad choice']).toBe('not-taken');
});

test('nothing is said of what no history tells, as the inside of a distributed Map', () => {
  expect(edgesOf('dmap')).toMatchObject({ 'Many/0#start>Many/0/C start': undefined, '#start>Many start': 'taken' });
});

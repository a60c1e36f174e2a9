import { expect, test } from 'vitest';
import { layoutOf } from './layout';
import { modelOf } from './model';

/** A machine of `count` states: chains, choices, catchers, and a Parallel and a Map here and there. */
function machine(count: number): unknown {
  const States: Record<string, unknown> = {};
  const name = (at: number) => `State number ${at}`;
  for (let at = 0; at < count; at += 1) {
    const Next = name((at + 1) % count);
    const last = at === count - 1;
    if (at % 10 === 3 && !last) {
      States[name(at)] = { Type: 'Choice', Default: Next, Choices: [{ Variable: '$.a', NumericEquals: at, Next: name(Math.min(at + 4, count - 1)) }] };
    } else if (at % 25 === 7 && !last) {
      const branch = { StartAt: `b${at}`, States: { [`b${at}`]: { Type: 'Pass', End: true } } };
      States[name(at)] = { Type: 'Parallel', Branches: [branch, branch], Next };
    } else {
      const catcher = at % 5 === 0 ? { Catch: [{ ErrorEquals: ['States.ALL'], Next: name(count - 1) }] } : {};
      States[name(at)] = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', ...catcher, ...(last ? { End: true } : { Next }) };
    }
  }
  return { StartAt: name(0), States };
}

test.each([20, 200, 1000])('lays out %i states, and says how long it took', (count) => {
  const definition = machine(count);
  layoutOf(modelOf(machine(10)), 'vertical');
  const begin = performance.now();
  const model = modelOf(definition);
  const modelled = performance.now();
  const layout = layoutOf(model, 'vertical');
  const end = performance.now();
  // eslint-disable-next-line no-console -- the figure is what this is for
  console.info(`${count} states: model ${(modelled - begin).toFixed(1)} ms, layout ${(end - modelled).toFixed(1)} ms`);
  expect(layout.nodes.length).toBeGreaterThanOrEqual(count);
}, 120_000);

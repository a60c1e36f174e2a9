// @vitest-environment jsdom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, expect, it, vi } from 'vitest';
import type { Picture } from './picture';
import { PicturePicker } from './PicturePicker';

afterEach(() => vi.unstubAllGlobals());

it('takes the file that was chosen last, though another is read later', async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const readers: { name: string; end: () => void }[] = [];
  vi.stubGlobal('FileReader', class {
    result = 'data:image/png;base64,eA==';
    onload: () => void = () => undefined;
    readAsDataURL({ name }: File) {
      readers.push({ name, end: () => this.onload() });
    }
  });
  const chosen: (Picture | undefined)[] = [];
  const place = document.createElement('div');
  act(() => createRoot(place).render(<PicturePicker picture={undefined} onChange={(picture) => chosen.push(picture)} />));
  const input = place.querySelector<HTMLInputElement>('input[type=file]');
  for (const name of ['large.png', 'small.png']) {
    Object.defineProperty(input, 'files', { configurable: true, value: [new File(['x'], name, { type: 'image/png' })] });
    await act(async () => {
      input?.dispatchEvent(new Event('change', { bubbles: true }));
      await vi.waitFor(() => expect(readers.at(-1)?.name).toBe(name));
    });
  }
  await act(async () => {
    readers[1]?.end();
    readers[0]?.end();
    await Promise.resolve();
  });
  expect(chosen).toMatchObject([{ name: 'small.png' }]);
});

it('takes the last picture away when the next file is none', async () => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  const chosen: (Picture | undefined)[] = [];
  const place = document.createElement('div');
  act(() => createRoot(place).render(<PicturePicker picture={undefined} onChange={(picture) => chosen.push(picture)} />));
  const input = place.querySelector<HTMLInputElement>('input[type=file]');
  const choose = async (name: string, type: string) => {
    Object.defineProperty(input, 'files', { configurable: true, value: [new File(['x'], name, { type })] });
    await act(async () => {
      input?.dispatchEvent(new Event('change', { bubbles: true }));
      await vi.waitFor(() => expect(chosen).toHaveLength(1));
    });
    return chosen.pop();
  };
  expect(await choose('a.png', 'image/png')).toMatchObject({ kind: 'file', name: 'a.png' });
  expect(await choose('notes.txt', 'text/plain')).toBeUndefined();
  expect(place.textContent).toContain('notes.txt is no JPEG or PNG picture.');
});

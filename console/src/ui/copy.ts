import { notify } from '../app/notifications';
import { copyText } from './clipboard';

/** Puts a text on the clipboard and says so; `name` is what it is: "ARN". */
export async function copy(text: string, name: string): Promise<void> {
  try {
    await copyText(text);
    notify.success(`Copied the ${name}`);
  } catch (error) {
    notify.error(`The ${name} could not be copied`, error);
  }
}

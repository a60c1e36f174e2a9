import { useQueryClient } from '@tanstack/react-query';
import { notify } from '../app/notifications';
import type { UpdateConfigurationInput } from '../aws/lambda';
import { useLambda } from './useLambda';

export function useUpdateConfiguration() {
  const { api, key } = useLambda();
  const queries = useQueryClient();
  return async (input: UpdateConfigurationInput) => {
    await api.updateConfiguration(input);
    notify.success(`Updated ${input.FunctionName}`);
    await queries.invalidateQueries({ queryKey: [...key, 'function', input.FunctionName] });
  };
}

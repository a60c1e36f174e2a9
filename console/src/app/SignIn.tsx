import AppLayout from '@cloudscape-design/components/app-layout';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import Container from '@cloudscape-design/components/container';
import ContentLayout from '@cloudscape-design/components/content-layout';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type SubmitEvent, useEffect, useState } from 'react';
import { at, useGo } from './link';
import { RegionSelect } from './RegionSelect';
import { setRegion, signIn, TEST, useSession } from './session';

/** Asks for a key when there is none, or when the server did not take the last one. */
export function SignIn() {
  return <AppLayout headerSelector="#top" navigationHide toolsHide content={<SignInForm />} />;
}

function SignInForm() {
  const session = useSession();
  const [accessKeyId, setAccessKeyId] = useState(TEST.accessKeyId);
  const [secretAccessKey, setSecret] = useState(session.refusal === undefined ? TEST.secretAccessKey : '');
  const [region, choose] = useState(session.region);
  const go = useGo();
  const [keep, setKeep] = useState(false);
  useEffect(() => {
    document.title = 'Sign in | Canter';
  }, []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (region !== session.region) {
      setRegion(region);
      go(at('state-machines'));
    }
    signIn({ accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim() }, keep);
  };
  const incomplete = accessKeyId.trim() === '' || secretAccessKey.trim() === '';
  return (
    <div className="sign-in">
      <ContentLayout header={<Header variant="h1">Sign in</Header>}>
        <form onSubmit={submit}>
          <Form actions={<Button variant="primary" formAction="submit" disabled={incomplete}>Sign in</Button>}>
            <Container>
              <SpaceBetween size="l">
                {session.refusal === undefined ? null : (
                  <Alert type="error" header="The server did not accept this access key">
                    {session.refusal}
                  </Alert>
                )}
                <FormField label="Access key ID" description="A 12-digit number is an account of its own.">
                  <Input value={accessKeyId} autoComplete="username" onChange={({ detail }) => setAccessKeyId(detail.value)} />
                </FormField>
                <FormField label="Secret access key">
                  <Input
                    type="password"
                    value={secretAccessKey}
                    autoComplete="current-password"
                    onChange={({ detail }) => setSecret(detail.value)}
                  />
                </FormField>
                <FormField label="Region">
                  <RegionSelect region={region} onChange={choose} />
                </FormField>
                <Checkbox checked={keep} onChange={({ detail }) => setKeep(detail.checked)}>
                  Keep me signed in on this computer
                </Checkbox>
                <Box color="text-body-secondary" fontSize="body-s">
                  The key signs requests in this browser, as any AWS client does; the secret is not sent. A server without
                  configured secrets accepts <code>test</code> / <code>test</code>.
                </Box>
              </SpaceBetween>
            </Container>
          </Form>
        </form>
      </ContentLayout>
    </div>
  );
}

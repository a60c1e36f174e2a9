import Button from '@cloudscape-design/components/button';
import Cards from '@cloudscape-design/components/cards';
import Header from '@cloudscape-design/components/header';
import { useState } from 'react';
import { Graph } from '../graph';
import './editor.css';
import { type Template, TEMPLATES } from './templates';

/** What a new state machine begins with. */
export function TemplatesView({ onChoose }: { readonly onChoose: (template: Template) => void }) {
  const [chosen, setChosen] = useState<readonly Template[]>(TEMPLATES.slice(0, 1));
  const [template] = chosen;
  return (
    <Cards
      items={TEMPLATES}
      trackBy="id"
      selectionType="single"
      selectedItems={chosen}
      entireCardClickable
      onSelectionChange={({ detail }) => setChosen(detail.selectedItems)}
      cardsPerRow={[{ cards: 1 }, { minWidth: 600, cards: 2 }, { minWidth: 1000, cards: 3 }, { minWidth: 1500, cards: 4 }]}
      ariaLabels={{ itemSelectionLabel: (_, item) => item.title, selectionGroupLabel: 'Templates' }}
      header={
        <Header
          variant="h1"
          description="Choose what to begin with. Everything can be changed afterwards."
          actions={<Button variant="primary" disabled={template === undefined} onClick={() => { if (template !== undefined) onChoose(template); }}>Use template</Button>}
        >
          Create state machine
        </Header>
      }
      cardDefinition={{
        header: ({ title }) => title,
        sections: [
          { id: 'about', content: ({ about }) => about },
          { id: 'graph', content: ({ text, title }) => <div className="ce-preview"><Graph definition={text} label={title} still /></div> },
        ],
      }}
    />
  );
}

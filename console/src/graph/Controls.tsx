import ButtonGroup, { type ButtonGroupProps } from '@cloudscape-design/components/button-group';
import type { Orientation } from './layout';

interface ControlsProps {
  orientation: Orientation;
  turnable: boolean;
  fullScreen: boolean;
  onAction: (action: GraphAction) => void;
}

export type GraphAction = 'zoom-in' | 'zoom-out' | 'fit' | 'centre' | 'full-screen' | 'turn' | 'svg' | 'png';

const icon = (id: GraphAction, iconName: 'zoom-in' | 'zoom-out' | 'zoom-to-fit' | 'full-screen' | 'exit-full-screen', text: string): ButtonGroupProps.IconButton =>
  ({ type: 'icon-button', id, iconName, text });

/** The buttons over the picture. */
export function Controls({ orientation, turnable, fullScreen, onAction }: ControlsProps) {
  const other = orientation === 'vertical' ? 'horizontally' : 'vertically';
  const more: ButtonGroupProps.MenuDropdown = {
    type: 'menu-dropdown',
    id: 'more',
    text: 'More',
    items: [
      { id: 'centre', text: 'Center (Alt+C)' },
      ...(turnable ? [{ id: 'turn', text: `Lay out ${other}` }] : []),
      { id: 'svg', text: 'Export as SVG' },
      { id: 'png', text: 'Export as PNG' },
    ],
  };
  return (
    <div className="cg-controls">
      <ButtonGroup
        variant="icon"
        ariaLabel="Graph"
        dropdownExpandToViewport={!fullScreen}
        items={[
          icon('zoom-in', 'zoom-in', 'Zoom in'),
          icon('zoom-out', 'zoom-out', 'Zoom out'),
          icon('fit', 'zoom-to-fit', 'Fit'),
          fullScreen ? icon('full-screen', 'exit-full-screen', 'Leave full screen') : icon('full-screen', 'full-screen', 'Full screen'),
          more,
        ]}
        onItemClick={({ detail }) => onAction(detail.id as GraphAction)}
      />
    </div>
  );
}

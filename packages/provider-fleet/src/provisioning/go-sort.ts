export { goSort, goSortBy } from '@plimsoll/core';

export { defineSeam, hasMethods, type Seam } from './seam.js';

export { BoundedDelivery, type DeliveryLoad, type DeliveryOptions } from './bounded-delivery.js';
export { defineSeam, hasMethods, type Seam } from './seam.js';

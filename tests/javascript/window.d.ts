// What the browser code keeps on the window, beside what browsers have.

interface Window {
  Plotly?: any;
  __tutorBus?: EventTarget;
  tutorOpened?: string;
}

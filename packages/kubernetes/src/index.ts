export { defaultKubeletSettings, Kubelet, type KubeletSettings } from './kubelet.ts';
export { defaultOwnersSettings, Owners, type OwnersSettings } from './owners.ts';

export { findInstalledEnvironment, findInstalledScope, findSystemUser } from './find-installed.ts';
export { findTrouble, type RunningTrouble } from './find-trouble.ts';
export { type InspectOptions, inspectService } from './inspect-service.ts';
export {
  type Installation,
  type InstallRequest,
  installService,
  type Removal,
  renderService,
  restartService,
  uninstallService,
} from './install-service.ts';
export { openVoice } from './notify/open-voice.ts';
export type { SystemdVoice } from './notify/systemd-voice.ts';
export { openLogs } from './open-logs.ts';
export { describeHost, describeHostOf, type ServiceHost } from './service-host.ts';
export type { Done, ServiceFailure, ServiceManager, ServiceScope, ServiceState } from './service-state.ts';
export { enableLinger } from './systemd/linger.ts';
export { refuseWithoutRoot } from './type-as-root.ts';

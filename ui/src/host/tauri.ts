/** The real host: commands and events of the desktop shell. */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import { failureOf, type Host } from './host';

/** Speaks to the shell. */
export const tauriHost: Host = {
  call: async (command, arguments_) => {
    try {
      return await invoke(command, arguments_);
    } catch (reason) {
      throw failureOf(reason);
    }
  },
  listen: (event, handler) => {
    let isOver = false;
    const stopping = listen(event, ({ payload }) => {
      if (!isOver) handler(payload as Parameters<typeof handler>[0]);
    });
    return () => {
      isOver = true;
      void stopping.then((stop) => stop());
    };
  },
};

"""What every part of LiveTranslate shares: the contract, errors, settings, servers, telemetry and the clients."""

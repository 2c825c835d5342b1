"""What one NVIDIA GPU carries with Whisper: windows per second, and sessions in real time."""

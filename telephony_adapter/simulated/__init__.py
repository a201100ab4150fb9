"""An honest switch in this process: people, carriers, audio and faults on any clock."""

namespace VmDeploy.Simulator.Esxi.Sessions;

/// <summary>The host takes no further session, which it says with HTTP 503.</summary>
internal sealed class TooManySessionsException : Exception;

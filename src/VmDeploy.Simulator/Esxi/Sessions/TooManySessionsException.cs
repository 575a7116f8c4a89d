namespace VmDeploy.Simulator.Esxi.Sessions;

/// <summary>The host accepts no further session, and answers with HTTP 503.</summary>
internal sealed class TooManySessionsException : Exception;

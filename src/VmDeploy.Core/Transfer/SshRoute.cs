namespace VmDeploy.Transfer;

/// <summary>The route of one request through an SSH host.</summary>
/// <param name="LocalEndpoint">Where to connect to: a forwarded port of this computer.</param>
/// <param name="Forward">The ssh process that forwards it.</param>
/// <param name="LinesBefore">How many lines ssh had written before the request: later ones may be about it.</param>
internal sealed record SshRoute(Uri LocalEndpoint, SshForward Forward, int LinesBefore);

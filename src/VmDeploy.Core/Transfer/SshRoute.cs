using System;

namespace VmDeploy.Transfer;

/// <summary>How one request goes through an SSH host.</summary>
/// <param name="LocalEndpoint">Where to connect to: a forwarded port of this computer.</param>
/// <param name="Forward">The ssh process that forwards it.</param>
/// <param name="LinesBefore">How many lines ssh had written when the request set out: later ones may be about this request.</param>
internal sealed record SshRoute(Uri LocalEndpoint, SshForward Forward, int LinesBefore);

namespace VmDeploy.Transfer;

/// <summary>The route of one request through an SSH host: the forwarded local port, its ssh process, and how many lines that had written before.</summary>
internal sealed record SshRoute(Uri LocalEndpoint, SshForward Forward, int LinesBefore);

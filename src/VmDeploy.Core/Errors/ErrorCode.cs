namespace VmDeploy;

/// <summary>An error condition that a caller can match on.</summary>
/// <param name="Id">The error id; part of the public interface, never changed once published.</param>
/// <param name="Kind">The category.</param>
public sealed record ErrorCode(string Id, ErrorKind Kind);

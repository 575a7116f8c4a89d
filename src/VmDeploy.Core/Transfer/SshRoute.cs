using System;

namespace VmDeploy.Transfer;

/// <summary>The way of one request through an SSH host.</summary>
/// <param name="Mouth">Where to connect to.</param>
/// <param name="Forward">What carries it.</param>
/// <param name="Heard">How much ssh had said when the request set out: what it says later may be about this request.</param>
internal sealed record SshRoute(Uri Mouth, SshForward Forward, int Heard);

using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>
/// An import whose every name has been resolved and whose input has been checked, and that has changed nothing yet.
/// Hypervisors derive from it to keep what they resolved.
/// </summary>
public abstract class OvaImportPlan
{
    /// <summary>Creates the plan.</summary>
    protected OvaImportPlan(OvaImportRequest request, OvaPackage package)
    {
        Request = request;
        Package = package;
    }

    /// <summary>What was asked for.</summary>
    public OvaImportRequest Request { get; }

    /// <summary>The opened package.</summary>
    public OvaPackage Package { get; }

    /// <summary>Where it goes, in words for -WhatIf, for example <c>datastore1 on esxi.example.com, VM Network -> VM Network</c>.</summary>
    public abstract string Destination { get; }
}

namespace VmDeploy.Ova;

/// <summary>One kind of edit that makes a descriptor acceptable to a host.</summary>
internal interface IOvfAdaptation
{
    /// <summary>Edits what a host would refuse, and records each edit; changes nothing else.</summary>
    void Apply(OvfDraft draft);
}

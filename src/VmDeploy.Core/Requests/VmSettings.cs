using VmDeploy.Transfer;

namespace VmDeploy;

/// <summary>Settings of an existing VM to change; what is null is not changed.</summary>
public sealed record VmSettings
{
    /// <summary>Virtual CPUs.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long? MemoryMB { get; init; }

    /// <summary>Another name; files and folders of the VM keep theirs.</summary>
    public string? NewName { get; init; }

    /// <summary>Notes (the description on XenServer); an empty text removes them.</summary>
    public string? Annotation { get; init; }

    /// <summary>Entries of <c>extraConfig</c>; an empty value removes the key. On XenServer the keys begin with the map, as in <see cref="HardwareRequest.ExtraConfig"/>.</summary>
    public IReadOnlyDictionary<string, string> ExtraConfig { get; init; } = new Dictionary<string, string>();

    /// <summary>Checks what needs no host.</summary>
    internal void Check(VmLimits limits)
    {
        limits.CheckHardware(CpuCount, MemoryMB, []);
        if (NewName is not null)
            VmNames.Check([NewName], limits);
        OutgoingText.Checked(Annotation ?? "", "the annotation");
        OutgoingText.CheckExtraConfig(ExtraConfig);
    }

    /// <summary>The changes for -WhatIf, for example <c>1 -> 2 vCPU, name 'a' -> 'b'</c>; values that the VM already has are left out, so that it can be empty.</summary>
    internal string Describe(VmState now)
    {
        var changes = new List<string>();
        if (CpuCount is { } cpus && cpus != now.CpuCount)
            changes.Add($"{now.CpuCount} -> {cpus} vCPU");
        if (MemoryMB is { } memory && memory != now.MemoryMB)
            changes.Add($"{SizeText.Format(now.MemoryMB << 20)} -> {SizeText.Format(memory << 20)} memory");
        if (NewName is not null && NewName != now.Name)
            changes.Add($"name '{now.Name}' -> '{NewName}'");
        if (Annotation is not null && Annotation != (now.Annotation ?? ""))
            changes.Add(Annotation.Length == 0 ? "no annotation" : "annotation");
        if (ExtraConfig.Count > 0)
            changes.Add($"extra configuration {Names.List(ExtraConfig.Keys)}");
        return string.Join(", ", changes);
    }
}

namespace VmDeploy.Vmdk;

/// <summary>What follows a marker that is not that of a grain.</summary>
internal enum VmdkMarker
{
    EndOfStream = 0,
    GrainTable = 1,
    GrainDirectory = 2,
    Footer = 3,
}

<?php echo 'filled';
